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
          "The title of an attachment; a POST of move=up puts it before the one that it follows.")},
    {WORK(GUARD_SIGNED_IN, "/backoffice/datasets/{}/metadata/attachments/{}/remove", back_attachment_remove,
          "back.attachment_remove", "Remove an attachment.")},
    {PAGE_FOR(GUARD_SIGNED_IN, "/backoffice/datasets/{}/metadata/reuses", back_reuses, "back.reuses",
              "What people made of the data."), .keys = true},
    {WORK(GUARD_SIGNED_IN, "/backoffice/datasets/{}/metadata/reuses/new", back_reuse_new, "back.reuse_new",
          "Add a reuse.")},
    {WORK(GUARD_SIGNED_IN, "/backoffice/datasets/{}/metadata/reuses/{}", back_reuse, "back.reuse", "One reuse.")},
    {WORK(GUARD_SIGNED_IN, "/backoffice/datasets/{}/metadata/reuses/{}/remove", back_reuse_remove, "back.reuse_remove",
          "Remove a reuse.")},
    {WORK(GUARD_SIGNED_IN, "/backoffice/metadata/bulk", back_bulk, "back.bulk",
          "One change of the metadata of many datasets.")},
    {PAGE("/backoffice/metadata", back_metadata_office, "back.metadata_office", "Vocabularies and templates.")},
    {PAGE("/backoffice/metadata/vocabularies/{}", back_vocabulary, "back.vocabulary", "A list of values.")},
    {WORK(GUARD_ADMINISTRATOR, "/backoffice/metadata/vocabularies/{}/new", back_vocabulary_new, "back.vocabulary_new",
          "Add to a list.")},
    {WORK(GUARD_ADMINISTRATOR, "/backoffice/metadata/vocabularies/{}/edit", back_vocabulary_edit,
          "back.vocabulary_edit", "Change an entry of a list.")},
    {WORK(GUARD_ADMINISTRATOR, "/backoffice/metadata/vocabularies/{}/remove", back_vocabulary_remove,
          "back.vocabulary_remove", "Take an entry from a list.")},
    {WORK(GUARD_ADMINISTRATOR, "/backoffice/metadata/templates/new", back_template_new, "back.template_new",
          "Make a template of metadata.")},
    {PAGE("/backoffice/metadata/templates/{}", back_template, "back.template", "A template and its fields.")},
    {WORK(GUARD_ADMINISTRATOR, "/backoffice/metadata/templates/{}/edit", back_template_edit, "back.template_edit",
          "The label of a template.")},
    {WORK(GUARD_ADMINISTRATOR, "/backoffice/metadata/templates/{}/remove", back_template_remove,
          "back.template_remove", "Remove a template.")},
    {WORK(GUARD_ADMINISTRATOR, "/backoffice/metadata/templates/{}/fields/new", back_template_field_new,
          "back.template_field_new", "Add a field to a template.")},
    {WORK(GUARD_ADMINISTRATOR, "/backoffice/metadata/templates/{}/fields/{}", back_template_field,
          "back.template_field", "A field of a template.")},
    {WORK(GUARD_ADMINISTRATOR, "/backoffice/metadata/templates/{}/fields/{}/remove", back_template_field_remove,
          "back.template_field_remove", "Remove a field of a template.")},
};

static const struct tpl_binding *const templates[] = {&quality_template, &metadata_template,
                                                      &metadata_navigation_template, &metadata_languages_template,
                                                      &metadata_fields_template, &metadata_attachments_template,
                                                      &metadata_reuses_template, &metadata_office_template,
                                                      &vocabulary_template, &custom_template_template,
                                                      &bulk_template};

const struct office_part metadata_part = {routes, ARRAY_LENGTH(routes), templates, ARRAY_LENGTH(templates)};
