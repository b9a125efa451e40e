"""What the engines that run a model in this process have in common."""
