//! Connections: counted, and never waited for longer than the pass may last.

use std::cell::Cell;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, NextTimeout, Transport, time,
};

use super::Host;
use super::counters::Ledger;
use crate::stop::Stop;

/// How long one look at the socket lasts. Always the same, so that the socket's own time-out is
/// set once a connection and not before each read.
const SLICE: Duration = Duration::from_millis(500);

thread_local! {
    static DIALLED: Cell<u64> = const { Cell::new(0) };
    static OPENED: Cell<u64> = const { Cell::new(0) };
}

/// What a request went over; the agent does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    /// A connection of an earlier request.
    Pooled,
    /// A connection of its own.
    Fresh,
    /// None came about: nothing was sent.
    Dead,
}

/// How many connections this thread has tried and opened: taken before a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tally {
    dialled: u64,
    opened: u64,
}

impl Tally {
    pub(crate) fn now() -> Self {
        Self { dialled: DIALLED.get(), opened: OPENED.get() }
    }

    /// What this thread's only request since then went over.
    pub(crate) fn line(self) -> Line {
        let now = Self::now();
        if now.opened > self.opened {
            Line::Fresh
        } else if now.dialled > self.dialled {
            Line::Dead
        } else {
            Line::Pooled
        }
    }
}

/// Stands before all connectors and notes that a connection is wanted.
#[derive(Debug)]
pub(crate) struct Dial;

impl<In: Transport> Connector<In> for Dial {
    type Out = In;

    fn connect(
        &self,
        _: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<In>, ureq::Error> {
        DIALLED.set(DIALLED.get() + 1);
        Ok(chained)
    }
}

/// Which authority (`host:port`) is whose.
#[derive(Debug, Default)]
pub(crate) struct Names(RwLock<Vec<(String, Host)>>);

impl Names {
    pub(crate) fn add(&self, authority: &str, host: Host) {
        let mut names = self.0.write().unwrap_or_else(PoisonError::into_inner);
        names.push((authority.to_owned(), host));
    }

    fn host(&self, authority: &str) -> Option<Host> {
        let names = self.0.read().unwrap_or_else(PoisonError::into_inner);
        names.iter().find(|(name, _)| name == authority).map(|(_, host)| *host)
    }
}

/// Stands right above TCP in the chain of connectors and wraps what it gives.
pub(crate) struct Watch {
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) names: Arc<Names>,
    pub(crate) stop: Stop,
}

impl<In: Transport> Connector<In> for Watch {
    type Out = Watched<In>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, ureq::Error> {
        let Some(inner) = chained else { return Ok(None) };
        // A proxy passes here too, under its own name, before the server behind it does.
        if let Some(host) = details.uri.authority().and_then(|name| self.names.host(name.as_str()))
        {
            self.ledger.of(host).connection();
            log::trace!("{host}: a new connection");
            OPENED.set(OPENED.get() + 1);
        }
        Ok(Some(Watched { inner, stop: self.stop.clone() }))
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch")
    }
}

/// A transport that waits in slices.
#[derive(Debug)]
pub(crate) struct Watched<In> {
    inner: In,
    stop: Stop,
}

impl<In: Transport> Transport for Watched<In> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        self.inner.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        let limit = timeout.for_read();
        let begun = Instant::now();
        loop {
            // What never happens derefs to more than any time that passes.
            let left = limit.after.saturating_sub(begun.elapsed());
            if left.is_zero() || self.stop.overdue() {
                return Err(ureq::Error::Timeout(limit.reason));
            }
            let slice = NextTimeout { after: time::Duration::Exact(left.min(SLICE)), ..limit };
            match self.inner.await_input(slice) {
                Err(ureq::Error::Timeout(_)) => {}
                done => return done,
            }
        }
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}
