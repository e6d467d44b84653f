"""Accounts: who may use the portal, for portals that more than one machine reaches."""
