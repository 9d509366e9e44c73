/* Describing datasets: metadata, fields, attachments, reuses, vocabularies, templates. */
#include "base/attr.h"
#include "web/back/metadata_page.h"
#include "web/back/quality_view.h"
#include "web/back/routes.h"

static const struct route routes[] = {
    {WORK(GUARD_SIGNED_IN, "/backoffice/datasets/{}/metadata", back_metadata, "back.metadata",
          "The description of a dataset, by template and language.")},
};

static const struct tpl_binding *const templates[] = {&quality_template, &metadata_template,
                                                      &metadata_navigation_template, &metadata_languages_template};

const struct office_part metadata_part = {routes, ARRAY_LENGTH(routes), templates, ARRAY_LENGTH(templates)};
