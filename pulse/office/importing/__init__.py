from pulse.office.importing.lines import BrokenArchive, checked_source
from pulse.office.importing.survey import Survey, survey
from pulse.office.importing.writing import Imported, import_archive

__all__ = ["BrokenArchive", "Imported", "Survey", "checked_source", "import_archive", "survey"]
