//! Histories that break a careless design.
