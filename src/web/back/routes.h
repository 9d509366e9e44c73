/* The back office: its routes and handlers, its templates, and what its files use of each other. */
#ifndef WEB_BACK_ROUTES_H
#define WEB_BACK_ROUTES_H

#include "domain/identity/api_key.h"
#include "domain/identity/audit.h"
#include "domain/identity/group.h"
#include "domain/identity/link.h"
#include "domain/identity/second_factor.h"
#include "web/back/form.h"
#include "web/shell/route.h"

/* What the tables of routes are made of. A page for administrators; PAGE_FOR: for those of a guard. */
#define PAGE_FOR(the_guard, pattern, handle, title, what)                                          \
    pattern, handle, LANE_QUICK, false, title, what, .kind = ROUTE_PAGE, .guard = (the_guard),     \
        .office = true
#define PAGE(pattern, handle, title, what) PAGE_FOR(GUARD_ADMINISTRATOR, pattern, handle, title, what)
/* A form for administrators; who sends it has proved the password lately. */
#define FORM(pattern, handle, title, what)                                                         \
    PAGE(pattern, handle, title, what), .post = (handle), .recent = true
/* A form of daily work, for people and for programs with a key; the handler looks at the rights. */
#define WORK(the_guard, pattern, handle, title, what)                                              \
    PAGE_FOR(the_guard, pattern, handle, title, what), .post = (handle), .keys = true

/* A part of the back office: its pages and their templates. The parts are listed in parts.c. */
struct office_part {
    const struct route *routes;
    size_t route_count;
    const struct tpl_binding *const *templates;
    size_t template_count;
};

extern const struct office_part *const office_parts[];
extern const size_t office_part_count;

/** All routes of the back office, in static memory. */
const struct route *back_routes(size_t *ret_count);

/** All templates, for tpl_open, in static memory. */
const struct tpl_binding *const *back_templates(size_t *ret_count);

extern const struct office_part version_part; /* version_routes.c: versions of a dataset */
extern const struct office_part upload_part;  /* upload_routes.c: files on their way */
extern const struct office_part wizard_part;  /* wizard.c: new datasets, and the tab Source */
extern const struct office_part people_part;  /* routes.c: overview, users, groups, services, cookies */
extern const struct office_part security_part; /* security_routes.c: access, view as, invitations, keys, sessions, audit */
extern const struct office_part dataset_part; /* dataset_routes.c: datasets, their pages and versions */
extern const struct office_part statistics_part; /* statistics.c */
extern const struct office_part backup_part;   /* backup_routes.c */
extern const struct office_part job_part;     /* job_routes.c: jobs, exports to a file */
extern const struct office_part metadata_part; /* metadata_routes.c: descriptions, templates, vocabularies */

extern const struct office_part site_part; /* site_routes.c: settings of the site, pages of content */

/* Handlers answer GET and POST alike where there is a form. */
call_handler back_overview;
call_handler back_datasets, back_dataset;
call_handler back_unsent;
call_handler back_metadata, back_metadata_fields, back_attachments, back_attachment, back_attachment_remove, back_reuses,
    back_reuse_new, back_reuse, back_reuse_remove;
call_handler back_metadata_office, back_vocabulary, back_vocabulary_new, back_vocabulary_edit, back_vocabulary_remove,
    back_template_new, back_template, back_template_edit, back_template_remove, back_template_field_new, back_template_field,
    back_template_field_remove, back_bulk;
call_handler back_users, back_user_new, back_user, back_user_profile, back_user_role,
    back_user_groups, back_user_action;
call_handler back_groups, back_group_new, back_group, back_group_edit, back_group_delete;
call_handler back_services, back_service_new, back_service, back_service_remove;
call_handler back_cookies, back_cookies_csv;
call_handler back_backups, back_backup_new, back_backup_check;

extern const struct tpl_binding backups_template;
extern const struct tpl_binding datasets_template, dataset_overview_template;
extern const struct tpl_binding overview_template, users_template, user_template, user_link_template,
    groups_template, group_template, services_template, service_preview_template, cookies_template;

extern const struct tpl_binding metadata_office_template, vocabulary_template, custom_template_template, bulk_template;

/* ---- users ---- */

/** The user whose id is the first {} of the route. Errors: ERR_NO_USER. */
enum err office_user(struct call *call, struct user *ret_user) must_check;

/** "/backoffice/users/ID/ACTION"; action may be empty. */
str office_user_path(const struct call *call, int64_t user, const char *action);

/** Makes a one-time link to set a password; mails it, or shows it this once. */
enum err office_send_link(struct call *call, int64_t user, usec lifetime);

/** The roles as choices. */
void office_role_choices(struct office_form *form, struct form_field *field, enum role chosen);

/** Whether an address is empty or good; else says so beside the field. */
bool office_check_email(struct office_form *form, struct form_field *email);

#endif
