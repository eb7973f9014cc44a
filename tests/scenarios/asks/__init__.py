"""Who asks for what: for each procedure the province made ready, the applicant, and the e-form filled in."""
