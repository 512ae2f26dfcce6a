// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

// expected-error @+1 {{expected an operation; found '/'}}
"a.b"() : () -> () /

// -----

// expected-error @+1 {{expected an operation; found the character '\u{1a}'}}
"a.b"() : () -> ()

// -----

// expected-error @+1 {{expected ':' before the operation's type; found the character '`'}}
"a.b"() `: () -> ()

// -----

// expected-error @+1 {{expected ':' before the operation's type; found the character '~'}}
"a.b"() ~: () -> ()

// -----

// expected-error @+1 {{expected ':' before the operation's type; found the character ';'}}
"a.b"() ;

// -----

// expected-error @+1 {{expected ':' before the operation's type; found the character '&'}}
"a.b"() & : () -> ()

// -----

// expected-error @+1 {{expected an operation; found '...'}}
...

// -----

// expected-error @+1 {{expected an operation; found '->'}}
->

