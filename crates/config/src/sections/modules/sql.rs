//! What the three SQL modules share: a query, or the table layout of Courier's `authmysqlrc` and `authpgsqlrc`.

/// Where the fields of an account are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SqlLayout {
    /// A query of the operator's own.
    pub query: Option<String>,
    /// A query that yields all accounts.
    pub all_query: Option<String>,
    /// The table.
    pub table: String,
    /// The column with the login name.
    pub login: String,
    /// The column with a hashed password.
    pub crypt_password: Option<String>,
    /// The column with a password in clear.
    pub clear_password: Option<String>,
    /// The column with the numeric user id.
    pub uid: Option<String>,
    /// The column with the numeric group id.
    pub gid: Option<String>,
    /// The column with the home folder.
    pub home: Option<String>,
    /// The column with the Maildir.
    pub maildir: Option<String>,
    /// The column with the quota.
    pub quota: Option<String>,
    /// The column with the full name.
    pub name: Option<String>,
    /// The column with account options.
    pub options: Option<String>,
    /// A condition that is added.
    pub condition: Option<String>,
}

/// Declares the section of a database: its own rows first, then the layout's.
macro_rules! sql_section {
    (
        $(#[doc = $about:literal])+
        $vis:vis struct $name:ident = $section:literal $title:literal { $($rows:tt)* }
    ) => {
        $crate::section::section! {
            $(#[doc = $about])+
            $vis struct $name = $section $title {
                $($rows)*
                /// A query of your own instead of the columns below. `:user`, `:local`, `:domain` and `:service` stand for
                /// the parts of the login, handed over as parameters. It yields at most one row; its columns are found by
                /// name: `address`, `crypt_password`, `clear_password`, `uid`, `gid`, `home`, `maildir`, `quota`, `name`,
                /// `options`. A `SELECT_CLAUSE` of Courier's is understood as it is: `$(local_part)`, `$(domain)` and
                /// `$(service)`, also inside of quotes, and columns that have an order instead of those names.
                query: Option<String> = None => $crate::kinds::optional($crate::kinds::text("a query"));
                /// With `query`: one that yields all accounts, for the count of what they keep. Without it CRAM-MD5 and
                /// SCRAM are not offered.
                all_query: Option<String> = None => $crate::kinds::optional($crate::kinds::text("a query"));
                /// The table. What looks like a name is quoted, here and in the columns; anything else (`5000`,
                /// `'/home/vmail'`, `CONCAT(…)`) is taken as SQL.
                table: String = "passwd".to_owned() => $crate::kinds::text("a table");
                /// The column with the login name.
                login: String = "id".to_owned() => $crate::kinds::text("a column");
                /// The column with a hashed password; `crypt` if neither this nor `clear_password` is set.
                crypt_password: Option<String> = None => $crate::kinds::optional($crate::kinds::text("a column"));
                /// The column with a password in clear, which makes CRAM-MD5 and SCRAM possible.
                clear_password: Option<String> = None => $crate::kinds::optional($crate::kinds::text("a column"));
                /// The column with the numeric user id.
                uid: Option<String> = None => $crate::kinds::optional($crate::kinds::text("a column"));
                /// The column with the numeric group id.
                gid: Option<String> = None => $crate::kinds::optional($crate::kinds::text("a column"));
                /// The column with the home folder.
                home: Option<String> = None => $crate::kinds::optional($crate::kinds::text("a column"));
                /// The column with the Maildir.
                maildir: Option<String> = None => $crate::kinds::optional($crate::kinds::text("a column"));
                /// The column with the quota.
                quota: Option<String> = None => $crate::kinds::optional($crate::kinds::text("a column"));
                /// The column with the full name.
                name: Option<String> = None => $crate::kinds::optional($crate::kinds::text("a column"));
                /// The column with account options such as `disableimap=1`.
                options: Option<String> = None => $crate::kinds::optional($crate::kinds::text("a column"));
                /// A condition that is added (`active = 1`).
                condition: Option<String> = None => $crate::kinds::optional($crate::kinds::text("a condition"));
            }
            with guard
        }

        impl $name {
            /// Where the fields are.
            pub fn layout(&self) -> $crate::sections::SqlLayout {
                $crate::sections::SqlLayout {
                    query: self.query.clone(),
                    all_query: self.all_query.clone(),
                    table: self.table.clone(),
                    login: self.login.clone(),
                    crypt_password: self.crypt_password.clone(),
                    clear_password: self.clear_password.clone(),
                    uid: self.uid.clone(),
                    gid: self.gid.clone(),
                    home: self.home.clone(),
                    maildir: self.maildir.clone(),
                    quota: self.quota.clone(),
                    name: self.name.clone(),
                    options: self.options.clone(),
                    condition: self.condition.clone(),
                }
            }
        }
    };
}

pub(crate) use sql_section;
