/*
 * The form that adds a condition to the filter of a dataset's page: a field, an operator and values; a range of
 * days; or ODSQL. It sends filter.field, filter.operator, filter.value, filter.value2, or filter.where, to the
 * tab that it stands on.
 */
#ifndef WEB_FRONT_CONDITION_FORM_H
#define WEB_FRONT_CONDITION_FORM_H

#include "web/front/condition.h"
#include "web/front/filter.h"
#include "web/shell/fault_text.h"

struct dataset_page;

/* What the address says of the form. */
struct condition_input {
    str field, operator_, value, other, where;
    bool is_sent;
    str fault; /* what is wrong with it, for people */
    struct fault_place place;
};

struct condition_input condition_input_read(struct call *call);

/**
 * Makes the filter with the condition that was sent. False: input->fault says what is wrong with it.
 * Errors: those of compiling that are not the visitor's.
 */
enum err condition_input_apply(struct dataset_page *page, struct filter *ret_filter, bool *ret_done) must_check;

/** The form as HTML; hidden: the other parameters of the page (struct hidden_field). */
struct html condition_form_make(struct dataset_page *page, struct tpl_list hidden);

extern const struct tpl_binding condition_form_template;

#endif
