/*
 * Dates and times in a form that somebody chose: yyyy or yy, M, MM, MMM or MMMM (names of months in the six languages of
 * the portal, short or whole), d or dd, H or HH, h or hh with a (AM, PM), m or mm, s or ss, S to SSSSSS; what stands
 * between single quotes and everything that is no letter is itself. YYYY and DD count as yyyy and dd.
 */
#ifndef DOMAIN_INGEST_DATE_FORM_H
#define DOMAIN_INGEST_DATE_FORM_H

#include "base/clock.h"
#include "base/str.h"

/** Whether a form has a year, and letters that mean something. */
bool date_form_check(str form);

/**
 * Reads a whole text by a form; parts that it does not have are the first ones, an instant is taken in UTC. False when
 * the text does not fit, or is no date.
 */
bool date_form_read(str text, str form, usec *ret_instant);

#endif
