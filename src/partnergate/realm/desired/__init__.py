"""Compiles files to desired state: one module for each kind of resource; ``desired_state`` combines them."""

from partnergate.realm.desired.compile import desired_state, is_deployed, partner_resources, whole_state

__all__ = ["desired_state", "is_deployed", "partner_resources", "whole_state"]
