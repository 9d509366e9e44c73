/*
 * The form of a dataset's metadata: one template in one language. Its controls follow from the rows of the template,
 * their values from what is stored and from what was typed. Both are compared as the controls hold them, texts one
 * below the other, so that nothing changes that nobody touched.
 */
#ifndef WEB_BACK_METADATA_FORM_H
#define WEB_BACK_METADATA_FORM_H

#include "base/vec.h"
#include "domain/catalog/custom_template.h"
#include "web/back/dataset_frame.h"

/* What a control holds: a text, or several. */
typedef VEC(str) texts;

struct metadata_option {
    str id, value, label;
    bool chosen;
};

struct metadata_text {
    str id, value;
};

struct metadata_field {
    const struct metadata_row *row;
    const struct custom_field *custom; /* NULL: a row of ours, or a name that somebody made up */
    texts stored, typed;   /* typed: the same before anything was sent */
    bool was_sent;
    bool was_touched;      /* by who sent it, since he read it */

    str id, name;          /* "dcat-creator", "dcat.creator" */
    str label, help, fault, described, invalid;
    str value, type;       /* of a line or area */
    str list;              /* id of the suggestions */
    str source;            /* the value in the language of the source, when another is written */
    str was_name, was;     /* hidden: digest of what was read */
    str choose_name, stored_text, stored_id, mine_id;
    bool is_line, is_area, is_lines, is_select, is_checks, is_required, is_missing;
    bool has_conflict, takes_stored, takes_mine;
    struct html preview;
    bool has_preview;
    struct tpl_list options, lines, suggestions;
};

struct metadata_form {
    struct call *call;
    const struct dataset *dataset;
    json_t *metadata;      /* as stored, with default.modified; owned */
    str own_language;      /* that values are in without one being named; may be empty */
    str lang;              /* that is written; empty: the own one */
    const struct custom_template *customs;
    size_t custom_count;
    str template_key;      /* "dcat"; of a custom template "custom-NAME" */
    const struct metadata_template *in;
    const struct custom_template *custom;
    VEC(struct metadata_field) fields;
    bool has_faults;
};

/** For cleanup_with. */
void metadata_form_close(struct metadata_form *form);

/**
 * Opens the form that the parameters template and write ask for, with what is stored. Errors: ERR_NO_RECORD (no such
 * template), ERR_METADATA (the language), those of reading.
 */
enum err metadata_form_open(struct call *call, const struct dataset *dataset, struct metadata_form *form) must_check;

/** Reads a dataset's metadata into the form's, with default.modified; replaces what was there. Errors: ERR_DATABASE. */
enum err metadata_form_read(struct metadata_form *form, const struct dataset *dataset) must_check;

/** Whether the form asks for a row at all: not for what the program makes or no page uses. */
bool metadata_is_offered(const struct metadata_row *row);

/** Label and help of a row of metadata_template.def; MESSAGE_NONE: it has none, which is a fault (test_metadata_form.c). */
enum message metadata_help(const struct metadata_row *row);

/** Whether a template is offered: some row is, or it takes any names. */
bool metadata_template_is_offered(const struct metadata_template *in);

/** Language that a value is stored under; empty: none. */
static inline str metadata_form_key(const struct metadata_form *form)
{
    return str_eq(form->lang, form->own_language) ? S("") : form->lang;
}

/* ---- metadata_value.c ---- */

/** Whether a value is HTML that people read as a text; those of the visualisation are templates, which stay as they are typed. */
bool metadata_is_prose(const struct metadata_row *row);

/** What a control holds of a stored value (NULL: nothing); a list of any count. */
texts metadata_texts_of(struct arena *arena, const struct metadata_row *row, const json_t *value);

/** The kind of input for days and instants: "date", "datetime-local" or, for what is neither, "text". */
str metadata_date_input(const struct metadata_row *row, const texts *held);

/** Adds what somebody typed for a row to *held, which is several values where semicolons stand between keywords. */
void metadata_texts_split(struct arena *arena, const struct metadata_row *row, str text, texts *held);

/** What was sent under a name, as controls hold it. */
texts metadata_texts_sent(struct call *call, const struct metadata_row *row, str name);

bool metadata_texts_equal(const texts *a, const texts *b);

/** For hidden inputs. */
str metadata_texts_digest(struct arena *arena, const texts *held);

/** For people: the texts, one a line. */
str metadata_texts_shown(struct arena *arena, const texts *held);

/**
 * The value to store, NULL for none; the caller owns it. False: what was typed is no value of the row's type, and
 * *ret_fault says what is expected.
 */
bool metadata_texts_read(struct scope *scope, const struct metadata_row *row, const texts *held,
                         json_t **ret_value, enum message *ret_fault);

/** Puts a value into metadata, in a language or none, with the checks of the catalogue. Errors: ERR_METADATA. */
enum err metadata_form_set(struct scope *scope, json_t *metadata, str lang, const struct metadata_row *row,
                           const struct custom_field *custom, const json_t *value) must_check;

/* ---- metadata_offer.c ---- */

/** Options, suggestions and kind of control of a field, from its vocabulary. Errors: ERR_DATABASE. */
enum err metadata_offer(struct metadata_form *form, struct metadata_field *field) must_check;

/* ---- metadata_controls.c ---- */

/** Sets what the template shows of each field, from what it holds. */
void metadata_controls(struct metadata_form *form);

extern const struct tpl_struct metadata_field_struct;

#endif
