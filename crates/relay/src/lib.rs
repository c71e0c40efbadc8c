//! Outbound SMTP: routes, MX, TLS, login, transactions
