"""The register: the life of every finding of a study, in a database that forgets nothing."""

from sdtmflow.register.address import database_of
from sdtmflow.register.looked import Looked
from sdtmflow.register.register import Register, open_register
from sdtmflow.register.run import SeenBy
from sdtmflow.register.waivers import waivers_in_force

__all__ = ["Looked", "Register", "SeenBy", "database_of", "open_register", "waivers_in_force"]
