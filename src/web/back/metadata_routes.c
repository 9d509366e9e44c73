/* Describing datasets: metadata, fields, attachments, reuses, vocabularies, templates. */
#include "base/attr.h"
#include "web/back/quality_view.h"
#include "web/back/routes.h"

static const struct tpl_binding *const templates[] = {&quality_template};

const struct office_part metadata_part = {NULL, 0, templates, ARRAY_LENGTH(templates)};
