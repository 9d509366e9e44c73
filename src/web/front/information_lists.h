/* The lists of a dataset's information: fields, files, versions, related datasets. */
#ifndef WEB_FRONT_INFORMATION_LISTS_H
#define WEB_FRONT_INFORMATION_LISTS_H

#include "domain/interop/interop.h"
#include "web/front/dataset_page.h"

/** Items of the lists below. */
extern const struct tpl_struct information_field_struct, information_file_struct,
    information_version_struct, information_related_struct, information_reuse_struct;

/** The fields, each with a value of the first record that the visitor may see. Errors: those of reading. */
enum err information_fields(struct dataset_page *page, struct tpl_list *ret_fields) must_check;

/** Attached files. Errors: ERR_DATABASE. */
enum err information_attachments(struct dataset_page *page, struct tpl_list *ret_files) must_check;

/** Files that the publisher keeps elsewhere. */
struct tpl_list information_exports(struct dataset_page *page, const struct entry *entry);

/** The latest versions. Errors: those of catalog_versions. */
enum err information_versions(struct dataset_page *page, struct tpl_list *ret_versions) must_check;

/** What people made of the data. Errors: ERR_DATABASE. */
enum err information_reuses(struct dataset_page *page, struct tpl_list *ret_reuses) must_check;

/**
 * Datasets with the same keywords, else of the same publisher. The page's lease must have been given back.
 * Errors: those of reading the catalogue.
 */
enum err information_related(struct dataset_page *page, const struct entry *entry, struct tpl_list *ret_related)
    must_check;

#endif
