//! What may be done with rooms, and by whom.

beffroi_people::actions! {
    /// Describe rooms, and say when and how they are booked.
    ManageRooms = "room.manage" [HeadOfDepartment, Manager, Administrator],
}
