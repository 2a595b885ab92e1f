"""Files to desired state: one module a kind of resource, ``desired_state`` over all."""

from partnergate.realm.desired.compile import desired_state, is_deployed, partner_resources, whole_state

__all__ = ["desired_state", "is_deployed", "partner_resources", "whole_state"]
