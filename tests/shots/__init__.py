"""Pictures of the windows, drawn without a screen."""
