"""What earlier releases wrote and said: their replicas, databases and messages, kept to be read by this one."""
