"""Mail stacks in the lab: images that stand in for Mailu's, and a running stack for each run of tests that asks."""
