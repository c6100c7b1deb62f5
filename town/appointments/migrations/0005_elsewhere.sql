-- Appointments that other town halls give for the numbers of an appointment, as the State's coordination service told
-- them when it was asked last: when, as the clocks show it there, and where each is moved or given back.
CREATE TABLE appointments_elsewhere (
    appointment {id} NOT NULL REFERENCES appointments_appointment (id),
    number {text} NOT NULL,
    rank {int} NOT NULL,
    place {text} NOT NULL,
    at {text} NOT NULL,
    manage {text} NOT NULL,
    PRIMARY KEY (appointment, number, rank)
) {strict};
