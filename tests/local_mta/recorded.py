"""What real servers printed: Postfix 3.7, Exim 4.96, OpenSMTPD 6.8."""

POSTCONF = """\
mail_version = 3.7.11
myhostname = mail.sender.test
smtp_helo_name = mail.sender.test
smtp_bind_address = 192.0.2.10
smtp_bind_address6 =
inet_interfaces = all
inet_protocols = ipv4
smtp_address_preference = any
relayhost = [relay.test]:587
transport_maps = inline:{ { partner.test = smtp:[mx.partner.test]:26 }, {other.test=discard:} }
default_transport = smtp
relay_transport = relay
relay_domains =
mydestination = mail.sender.test, localhost.sender.test, localhost
sender_dependent_relayhost_maps =
sender_dependent_default_transport_maps =
smtp_tls_security_level = encrypt
smtp_use_tls = no
smtp_enforce_tls = no
smtp_tls_wrappermode = no
smtp_tls_policy_maps =
smtp_sasl_auth_enable = yes
""".splitlines()
POSTCONF_M = """\
smtp       unix  -       -       n       -       -       smtp -o smtp_helo_name=out.sender.test
relay      unix  -       -       n       -       -       smtp
discard    unix  -       -       n       -       -       discard
""".splitlines()
POSTCONF_P = ["smtp/unix/smtp_helo_name = out.sender.test"]
POSTQUEUE = (
    '{"queue_name": "deferred", "queue_id": "33FB72148E4", "arrival_time": 1795573538, "message_size": 266,'
    ' "forced_expire": false, "sender": "alice@sender.test", "recipients": [{"address": "bob@hole.test",'
    ' "delay_reason": "Host or domain name not found. Name service error for name=hole.test type=MX: Host not'
    ' found, try again"}, {"address": "temp@nosuch.test", "delay_reason": "Connection refused"}]}',
)
EXIM_MAIN = ["primary_hostname = mail.sender.test", "disable_ipv6"]
EXIM_TRANSPORT = """\
no_body_only
driver = smtp
user =
helo_data = relayed.sender.test
hosts_avoid_tls =
hosts_require_auth = *
hosts_require_dane =
hosts_require_tls = *
hosts_try_auth =
interface = 192.0.2.10
port = smtp
protocol = smtp
tls_verify_hosts =
""".splitlines()
EXIM_ROUTER = ["domains = partner.test", "driver = manualroute", "no_more", "transport = remote_smtp_smarthost"]
EXIM_SMARTHOST = """\
bob@partner.test
  router = smarthost, transport = remote_smtp_smarthost
  host relay.sender.test [192.0.2.9] port=587
""".splitlines()
EXIM_MX = """\
bob@partner.test
  router = dnslookup, transport = remote_smtp
  host mx1.partner.test [2001:db8::25] MX=10
  host mx1.partner.test [192.0.2.25]   MX=10
  host mx2.partner.test [192.0.2.26]   MX=20
""".splitlines()
EXIM_QUEUE = """\
 0m   273 1xW2gr-0002CO-0z <a@sender.test>
          bob@partner.test
        D carol@partner.test

25h   243 1xW2gr-0002CQ-11 <> *** frozen ***
          dave@partner.test

""".splitlines()
SMTPCTL = (
    "7e005d1da902a220|inet4|mta||@|carol@partner.test|carol@partner.test|1795573556|1795573556|0|0|offline||",
    "d6528b92026deb18|inet4|mta||alice@sender.test|eve@partner.test|eve@partner.test|1795573556|1795573556"
    "|1795573556|0|inflight|3|Network error on destination MXs",
)
