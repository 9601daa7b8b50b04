"""Pictures for profiles: made far apart, and recognised on screen."""
