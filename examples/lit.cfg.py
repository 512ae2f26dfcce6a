"""The examples are tests too: see tests/lit/lit.cfg.py."""

import os

lit_config.load_config(config, os.path.join(os.path.dirname(__file__), "..", "tests", "lit", "lit.cfg.py"))
config.name = "he-opt-examples"
