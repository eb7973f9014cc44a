"""The operators' console under load: a province's worth of rows, somebody who is signed in, and those who look
on."""
