"""The widgets and figures of lesson 07."""
