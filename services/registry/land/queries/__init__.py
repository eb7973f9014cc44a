"""What is read: parcels as of a day, lists, changes, and the situation a change is judged in."""
