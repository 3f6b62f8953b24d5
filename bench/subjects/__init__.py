"""What is measured: one file a subject, each with functions from the stage to rows."""
