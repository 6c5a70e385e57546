"""The story in scenes, one file each; a scene is a function of the stage."""
