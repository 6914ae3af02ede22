//! The one agent of a pass: its connections, its time-outs, its counters.

use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use ureq::Agent;
use ureq::config::ConfigBuilder;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::typestate::AgentScope;
use ureq::unversioned::transport::{
    ConnectProxyConnector, Connector, RustlsConnector, TcpConnector,
};
use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

use super::connect::{Dial, Names, Watch};
use super::counters::{Counters, Ledger};
use super::resolve::{Addresses, Remembering};
use super::{Counts, Host};
use crate::config::{self, Detour, Headers};
use crate::stop::Stop;

/// How long an idle connection is used again: Huly and Letta close theirs at 5 s.
const IDLE: Duration = Duration::from_secs(4);

/// What a connection reads at a time, in bytes; lists come in hundreds of kilobytes.
const INPUT: usize = 64 << 10;

/// What a connection writes at a time, in bytes; hardly any body is larger.
const OUTPUT: usize = 16 << 10;

/// Each write to a socket that takes nothing; bounds what a signal has to wait for.
const SEND: Duration = Duration::from_secs(5);

/// What a write gets at least, so near to the deadline: sent and unanswered is the worst end.
const LEAST_FOR_WRITES: Duration = Duration::from_secs(2);

/// Where the proxy comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proxy {
    /// `http.proxy`, which by default is that of `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and
    /// `NO_PROXY`.
    Environment,
    /// There is none.
    Off,
}

/// What all servers and threads of a pass share; cheap to clone.
#[derive(Debug, Clone)]
pub struct Http {
    /// Without a proxy.
    straight: Agent,
    /// Through the proxy, where there is one.
    through: Option<Agent>,
    pub(crate) addresses: Addresses,
    pub(crate) limits: config::Http,
    pub(crate) stop: Stop,
    pub(crate) names: Arc<Names>,
    ledger: Arc<Ledger>,
}

impl Http {
    /// `jobs` is how many threads will call at once: as many connections are kept a host.
    #[must_use]
    pub fn new(limits: &config::Http, jobs: usize, stop: Stop, proxy: Proxy) -> Self {
        let (ledger, names) = (Arc::<Ledger>::default(), Arc::<Names>::default());
        let addresses = Addresses::default();
        let agent = |proxy: Option<&ureq::Proxy>| {
            let watch = Watch { ledger: ledger.clone(), names: names.clone(), stop: stop.clone() };
            agent(limits, jobs, watch, Remembering::new(addresses.clone()), proxy)
        };
        let way = limits.way.proxy().filter(|_| proxy == Proxy::Environment);
        let (straight, through) = (agent(None), way.map(|proxy| agent(Some(proxy))));
        let limits = limits.clone();
        Self { straight, through, addresses, limits, stop, names, ledger }
    }

    /// Who asks a server at this address, and the proxy in between.
    pub(crate) fn agent_for(&self, url: &str) -> (Agent, Option<&Detour>) {
        match (&self.through, self.limits.way.detour(url)) {
            (Some(through), Some(detour)) => (through.clone(), Some(detour)),
            _ => (self.straight.clone(), None),
        }
    }
    /// What goes into every request to this system, beside what the request says itself.
    pub(crate) fn headers(&self, host: Host) -> &Headers {
        let all = &self.limits.headers;
        match host {
            Host::Huly => &all.huly,
            Host::Vibe => &all.vibe,
            Host::Letta => &all.letta,
        }
    }

    /// What was done so far, by host.
    #[must_use]
    pub fn snapshot(&self) -> [(Host, Counts); 3] {
        self.ledger.snapshot()
    }

    pub(crate) fn counters(&self, host: Host) -> &Counters {
        self.ledger.of(host)
    }

    /// The smaller of a call's own time and what is left of the deadline.
    pub(crate) fn within_deadline(&self, own: Option<Duration>, writes: bool) -> Option<Duration> {
        let left =
            self.stop.left().map(|left| if writes { left.max(LEAST_FOR_WRITES) } else { left });
        match (own, left) {
            (Some(own), Some(left)) => Some(own.min(left)),
            (own, left) => own.or(left),
        }
    }
}

fn agent(
    limits: &config::Http,
    jobs: usize,
    watch: Watch,
    resolver: Remembering,
    proxy: Option<&ureq::Proxy>,
) -> Agent {
    let kept = jobs.max(1);
    let settings = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .max_idle_connections_per_host(kept)
        .max_idle_connections(kept * 4)
        .max_idle_age(IDLE)
        .input_buffer_size(INPUT)
        .output_buffer_size(OUTPUT)
        .accept("application/json")
        .accept_encoding("identity")
        .user_agent(concat!("huly-vibe-sync/", env!("CARGO_PKG_VERSION")))
        .timeout_per_write(Some(SEND));
    let chain =
        ().chain(Dial)
            .chain(ConnectProxyConnector::default())
            .chain(TcpConnector::default())
            .chain(watch)
            .chain(RustlsConnector::default());
    Agent::with_parts(routed(settings, limits, proxy).build(), chain, resolver)
}

/// Through this proxy or none, whatever the environment says, and believing the authorities that the
/// settings name.
pub(super) fn routed(
    settings: ConfigBuilder<AgentScope>,
    limits: &config::Http,
    proxy: Option<&ureq::Proxy>,
) -> ConfigBuilder<AgentScope> {
    let settings = settings.proxy(proxy.cloned());
    if limits.authorities.is_empty() {
        return settings;
    }
    settings.tls_config(trusting(&limits.authorities))
}

/// The authorities that are built in, and these.
fn trusting(authorities: &[CertificateDer<'static>]) -> TlsConfig {
    let own = authorities.iter().map(|der| Certificate::from_der(der).to_owned());
    let built_in = TLS_SERVER_ROOT_CERTS.iter().map(|der| Certificate::from_der(der));
    TlsConfig::builder().root_certs(RootCerts::from(built_in.chain(own))).build()
}
