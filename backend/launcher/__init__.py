"""What `./clearway` does beyond bash: the private cluster, front-end packages and servers. Standard library only."""
