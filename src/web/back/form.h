/*
 * Forms of the back office: fields with their hints, faults and what was typed, shown by one template.
 * A handler makes the form for GET and POST alike; a POST with a fault shows it again.
 */
#ifndef WEB_BACK_FORM_H
#define WEB_BACK_FORM_H

#include "base/vec.h"
#include "web/back/dataset_frame.h"
#include "web/back/office.h"

#define FORM_FIELDS_MOST 24

struct form_option {
    str id, name, value, label, hint;
    bool chosen;
};

struct form_field {
    str id;           /* name and id of the control; of a group, the prefix of its controls' ids */
    str label, hint, fault;
    str value;
    str type, autocomplete; /* of a line */
    int64_t rows;           /* of an area */
    str described;    /* ids of hint and fault */
    str invalid;      /* "true" or "false" */
    bool is_line, is_area, is_radios, is_checks, is_file;
    struct tpl_list options;
    VEC(struct form_option) choices;
    struct tpl_list suggestions;
    VEC(struct form_option) suggested;
    bool has_suggestions;
};

struct office_form {
    struct call *call;
    enum section section;
    const struct dataset *dataset; /* of whose pages it is one; NULL: of none */
    enum office_tab tab;           /* among them */
    bool is_of_dataset;
    str heading, lead, warning, csrf, submit, cancel;
    str seen; /* sent back with the form: what its values were made from; empty: nothing */
    bool danger;
    struct html above;       /* shown above the heading */
    struct html below;       /* shown below the form */
    struct html beside;      /* shown beside it on wide screens, else below */
    bool has_beside;
    str unsent;              /* what the form is called where typed text is kept (unsent.h); empty: it is not kept */
    str unsent_address;
    bool is_answer;          /* the page shows what was sent */
    str revision;            /* of what is changed, sent along; empty: none */
    str second_name, second; /* a further button: its name and label */
    str third_name, third;   /* one more, before that */
    bool has_files;          /* some field is a file */
    bool has_preview;        /* the second button shows what lies below: preview.js presses it while one types */
    const char *scripts[PAGE_SCRIPTS_MOST]; /* of a form in a dataset's tab: bundles that it needs */
    struct tpl_list errors, fields;
    struct form_field items[FORM_FIELDS_MOST];
    size_t count;
    bool has_faults;
};

/** A form that is sent to the address it is shown at. cancel: where its link leads. */
struct office_form *form_make(struct call *call, enum section section, str heading, str submit,
                              str cancel);

/** One line of text. Holds what was typed, else value. */
struct form_field *form_line(struct office_form *form, const char *name, enum message label,
                             enum message hint, str value);

/** Many lines of text, of fixed width; rows are shown. */
struct form_field *form_area(struct office_form *form, const char *name, enum message label,
                             enum message hint, int64_t rows, str value);

/** A file to send. */
struct form_field *form_file(struct office_form *form, const char *name, enum message label,
                             enum message hint);

/** The bytes that were sent for a file, with the name the browser gave; STR_NONE: none were. */
str form_file_sent(const struct office_form *form, const struct form_field *field, str *ret_name);

/** Whether a value of a group is chosen. */
bool form_is_chosen(const struct form_field *field, str value);

/** One of several values; form_choice adds them. */
struct form_field *form_radios(struct office_form *form, const char *name, enum message label,
                               enum message hint);

/** Any of several values; form_choice adds them. */
struct form_field *form_checks(struct office_form *form, const char *name, enum message label,
                               enum message hint);

/** Adds a value to a group; chosen: before anything was sent. */
void form_choice(struct office_form *form, struct form_field *field, str value, str label, str hint,
                 bool chosen);

/** Suggests a value for a line; others may be typed. */
void form_suggest(struct office_form *form, struct form_field *field, str value);

/** Says what is wrong with a field; the page then shows it. The first fault of a field stays. */
void form_fault(struct office_form *form, struct form_field *field, str text);

/** Answers with the page. Returns ERR_OK. */
enum err form_send(struct office_form *form);

/** A page that asks before something dangerous is done; its form has no fields. */
enum err form_confirm(struct call *call, enum section section, str heading, str text, str submit,
                      str cancel, str fault);

extern const struct tpl_binding form_template;

#endif
