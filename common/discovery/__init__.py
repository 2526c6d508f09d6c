"""Consul: every process says where it is and whether it can do its work.

And every process knows of the others, within milliseconds of a change, whether
there is anybody well to ask.
"""

from common.discovery.agent import client
from common.discovery.directory import DIRECTORY, Directory
from common.discovery.registration import Registration

__all__ = ["DIRECTORY", "Directory", "Registration", "client"]
