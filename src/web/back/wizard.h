/*
 * A new dataset, step by step: source, fields, description, publishing. Each step has an address and saves; the tab
 * "Source" of a dataset that is published leads through the same steps to its next version.
 */
#ifndef WEB_BACK_WIZARD_H
#define WEB_BACK_WIZARD_H

#include "domain/ingest/preview.h"
#include "domain/resource/resource.h"
#include "domain/resource/settings.h"
#include "domain/resource/upload.h"
#include "web/back/form.h"
#include "web/back/routes.h"

enum wizard_step { STEP_SOURCE, STEP_FIELDS, STEP_DESCRIPTION, STEP_PUBLISH, STEP__COUNT };

struct wizard {
    struct call *call;
    const struct dataset *dataset;
    struct resource resource;
    struct resource_settings settings; /* of the resource */
};

/** Opens the dataset of the route, which the actor may publish. Errors: as office_open_dataset. */
enum err wizard_open(struct call *call, struct wizard *ret_wizard) must_check;

/** The steps, with the current one marked. */
struct html wizard_steps(const struct wizard *wizard, enum wizard_step current);

/** "/backoffice/datasets/ID/source" followed by rest: "" or "/fields". */
str wizard_address(const struct wizard *wizard, const char *rest);

/** The revision that a form began with, from its hidden field; 0: none was sent. */
usec wizard_seen(const struct wizard *wizard);

/** The revision as text, for such a field. */
str wizard_revision(const struct wizard *wizard);

/**
 * Stores the resource with its settings. ret_conflict (else ERR_OK comes back): somebody has changed it since the form
 * was made; the wizard then holds what is stored now, and nothing was overwritten. Errors: as resource_save.
 */
enum err wizard_save(struct wizard *wizard, usec seen, bool *ret_conflict) must_check;

/** Who changed it meanwhile, for people. */
str wizard_conflict_text(const struct wizard *wizard);

/** Adds a form of the dataset's tab, with the steps above it. */
struct office_form *wizard_form(struct wizard *wizard, enum wizard_step step, str heading, str submit, str cancel);

/* ---- wizard_source.c ---- */

/** Answers with the step Source and a warning. */
enum err wizard_show_source(struct wizard *wizard, str warning);

/* ---- wizard_offers.c ---- */

/** "Readers could filter by Type, Region", of a preview without filters; empty: nothing is offered. */
str wizard_facet_offer(const struct wizard *wizard, const struct preview *preview);

/** Makes filters of those that are offered, in the settings. Errors: as wizard_preview. */
enum err wizard_choose_facets(struct wizard *wizard) must_check;

/** The same of the field that seems to tell the records of a preview apart, when none was said to; empty: nothing is offered. */
str wizard_identifier_offer(const struct wizard *wizard, const struct preview *preview);

/** Makes it the field that does, in the settings. Errors: as wizard_preview. */
enum err wizard_choose_identifier(struct wizard *wizard) must_check;

/* ---- wizard_files.c ---- */

/* Items are wizard_file_struct. */
struct wizard_files {
    struct tpl_list all;    /* as people count: part-2 before part-10 */
    struct tpl_list others; /* new ones that came after those that are chosen */
    size_t finished;
};

/** The files that people sent for the dataset, and which of them will be read. Errors: those of reading. */
enum err wizard_list_files(struct wizard *wizard, struct wizard_files *ret_files) must_check;
extern const struct tpl_struct wizard_file_struct;

/* ---- wizard_reading.c ---- */

/** When the address was read last, and a button that has it read again; empty where there is none, and for drafts. */
enum err wizard_reading(struct wizard *wizard, struct html *ret_html) must_check;

/* ---- wizard_new.c ---- */

/** Makes a draft of that title with an id made of it. Errors: as catalog_create. */
enum err wizard_create_draft(struct call *call, str title, str *ret_id, str *ret_uid) must_check;

/* ---- wizard_jobs.c ---- */

/* A job of the dataset, for a page that shows how far it is. */
struct wizard_job {
    bool is_there, is_active, is_done, has_failed;
    str message, state;
    int64_t percent; /* 0: not known */
    int64_t id;
};

/** Asks for the address to be read. Errors: as job_add. */
enum err wizard_fetch(struct wizard *wizard) must_check;

/** The latest job of a kind for the dataset. */
enum err wizard_find_job(struct wizard *wizard, const char *kind, struct wizard_job *ret_job) must_check;

/** Its state for a script: {"state", "message", "percent", "is_active"}. */
enum err wizard_tell_job(struct wizard *wizard, const struct wizard_job *job);

/* ---- wizard_preview.c ---- */

/**
 * Looks at the resource's file with these settings. ret_fault: why it cannot be read, for people; the preview then has
 * what was found before. Errors: those that are not of the file.
 */
enum err wizard_preview(struct wizard *wizard, const struct resource_settings *settings, struct preview *ret_preview,
                        str *ret_fault) must_check;

/** Tables of the first rows and of those that do not fit; column: only this field, empty: all. */
struct html wizard_preview_tables(struct wizard *wizard, const struct preview *preview, str column, str fault);


/** Rows that do not fit, for templates: where each stands, what was found and what was expected. Items are wizard_reject_struct. */
struct tpl_list wizard_rejects(struct call *call, const struct preview_reject *rejects, size_t count);
extern const struct tpl_struct wizard_reject_struct;

/* ---- handlers ---- */

call_handler wizard_new, wizard_source, wizard_source_file, wizard_fields, wizard_field, wizard_description, wizard_publish,
    wizard_rejected, wizard_rejected_csv;

extern const struct tpl_binding wizard_begun_template, wizard_steps_template, wizard_source_template, wizard_reading_template, wizard_fields_template,
    wizard_preview_template, wizard_publish_template, wizard_rejected_template;

#endif
