# The mail room.
permission-mail-sort = Sort the mail that arrives
