//! Journeys through the HTTP kit, on both engines, with a small service that stands for the real ones.

#[cfg(test)]
mod cache;
#[cfg(test)]
mod edge;
#[cfg(test)]
mod legal;
#[cfg(test)]
mod live;
#[cfg(test)]
mod sockets;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tiles;
