/* Describing datasets: metadata, fields, attachments, reuses, vocabularies, templates. */
#include "base/attr.h"
#include "web/back/metadata_page.h"
#include "web/back/quality_view.h"
#include "web/back/routes.h"

#define ATTACHMENT_FORM_BYTES ((size_t)32 << 20)

static const struct route routes[] = {
    {WORK(GUARD_SIGNED_IN, "/backoffice/datasets/{}/metadata", back_metadata, "back.metadata",
          "The description of a dataset, by template and language.")},
    {WORK(GUARD_SIGNED_IN, "/backoffice/datasets/{}/metadata/fields", back_metadata_fields, "back.metadata_fields",
          "Labels, descriptions and annotations of its fields.")},
    {WORK(GUARD_SIGNED_IN, "/backoffice/datasets/{}/metadata/attachments", back_attachments, "back.attachments",
          "Attached files; a POST attaches one."), .body_bytes = ATTACHMENT_FORM_BYTES},
    {WORK(GUARD_SIGNED_IN, "/backoffice/datasets/{}/metadata/attachments/{}", back_attachment, "back.attachment",
          "The title of an attachment.")},
    {WORK(GUARD_SIGNED_IN, "/backoffice/datasets/{}/metadata/attachments/{}/remove", back_attachment_remove,
          "back.attachment_remove", "Remove an attachment.")},
    {PAGE_FOR(GUARD_SIGNED_IN, "/backoffice/datasets/{}/metadata/reuses", back_reuses, "back.reuses",
              "What people made of the data."), .keys = true},
    {WORK(GUARD_SIGNED_IN, "/backoffice/datasets/{}/metadata/reuses/new", back_reuse_new, "back.reuse_new",
          "Add a reuse.")},
    {WORK(GUARD_SIGNED_IN, "/backoffice/datasets/{}/metadata/reuses/{}", back_reuse, "back.reuse", "One reuse.")},
    {WORK(GUARD_SIGNED_IN, "/backoffice/datasets/{}/metadata/reuses/{}/remove", back_reuse_remove, "back.reuse_remove",
          "Remove a reuse.")},
};

static const struct tpl_binding *const templates[] = {&quality_template, &metadata_template,
                                                      &metadata_navigation_template, &metadata_languages_template,
                                                      &metadata_fields_template, &metadata_attachments_template,
                                                      &metadata_reuses_template};

const struct office_part metadata_part = {routes, ARRAY_LENGTH(routes), templates, ARRAY_LENGTH(templates)};
