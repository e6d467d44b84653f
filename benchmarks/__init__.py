"""What is claimed about speed, as commands that anybody can run."""
