from whitenoise.storage import CompressedManifestStaticFilesStorage


class GatheredStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise ships no types
    """Hashed names inside the modules too: after a deploy no page mixes old modules with new ones."""

    support_js_module_import_aggregation = True
