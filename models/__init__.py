"""The contract between pipelines and portal: which models exist, what goes in, what comes out."""
