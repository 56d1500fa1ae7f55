/* The terminal is put back if a signal or exit() ends the program. Private to the door to ncurses. */
#ifndef VIEW_SCREEN_RESTORE_H
#define VIEW_SCREEN_RESTORE_H

/* Before curses changes anything. */
void restore_note_modes(void);
/* After it did; until restore_disarm(). */
void restore_arm(void);
void restore_disarm(void);

#endif
