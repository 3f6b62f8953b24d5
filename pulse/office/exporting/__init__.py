"""What an account holds, as a ZIP: streamed as it is built, or made by a job and kept for a week."""
