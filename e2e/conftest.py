"""Nothing to set up: the plugin brings `cast` and `pictures`, and pytest-playwright the browser."""
