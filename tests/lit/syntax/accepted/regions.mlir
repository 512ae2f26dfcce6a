// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

"a.b"() ({ ^bb0: }) : () -> ()

// -----

"a.b"() ({
^bb0:
  "a.c"() : () -> ()
}) : () -> ()

// -----

"a.b"() ({
^bb0(%a: i32):
  "a.c"(%a) : (i32) -> ()
}) : () -> ()

// -----

"a.b"() ({
^bb0(%a: i32, %b: f32):
  "a.c"(%a, %b) : (i32, f32) -> ()
}) : () -> ()

// -----

"a.b"() ({
^bb0():
  "a.c"() : () -> ()
}) : () -> ()

// -----

"a.b"() ({
^0:
  "a.c"() : () -> ()
}) : () -> ()

// -----

"a.b"() ({
^a.b-c$:
  "a.c"() : () -> ()
}) : () -> ()

// -----

"a.b"() ({
^bb0 :
  "a.c"() : () -> ()
}) : () -> ()

// -----

"a.b"() ({
^bb0:
  "a.c"() : () -> ()
^bb1:
  "a.c"() : () -> ()
}) : () -> ()

// -----

"a.b"() ({
  "a.br"()[^bb0] : () -> ()
^bb0:
  "a.br"()[^bb0] : () -> ()
}) : () -> ()

// -----

"a.b"() ({
^bb0:
  "a.br"()[^bb1] : () -> ()
^bb1:
  "a.br"()[^bb1] : () -> ()
}) : () -> ()

// -----

"a.b"() ({
  "a.x"() ({
    "a.br"()[^bb1] : () -> ()
  ^bb1:
    "a.c"() : () -> ()
  }) : () -> ()
  "a.br"()[^bb1] : () -> ()
^bb1:
  "a.c"() : () -> ()
}) : () -> ()

// -----

%a = "a.d"() : () -> i32
"a.b"() ({
  "a.c"(%a) : (i32) -> ()
}) : () -> ()

// -----

"a.b"() ({
  %a = "a.c"() : () -> i32
}) : () -> ()
%a = "a.d"() : () -> i32

// -----

"a.b"() ({
  %a = "a.c"() : () -> i32
}, {
  %a = "a.c"() : () -> i32
}) : () -> ()

// -----

"a.b"() ({
  "a.c"(%a) : (i32) -> ()
}) : () -> ()
%a = "a.d"() : () -> i32

// -----

"a.b"() ({
  "a.c"(%a) : (i32) -> ()
  %a = "a.d"() : () -> i32
}) : () -> ()

// -----

%x = "a.b"() ({
  "a.c"(%x) : (i32) -> ()
}) : () -> i32

// -----

"a.b"() ({
  "a.br"()[^bb1] : () -> ()
^bb1:
  %a = "a.d"() : () -> i32
  "a.br"()[^bb2] : () -> ()
^bb2:
  "a.c"(%a) : (i32) -> ()
}) : () -> ()

// -----

"a.b"() ({
  "a.end"() : () -> ()
^bb1:
  "a.c"(%a) : (i32) -> ()
^bb2:
  %a = "a.d"() : () -> i32
}) : () -> ()

// -----

"a.b"() ({
  "a.end"() : () -> ()
^bb1:
  "a.c"(%a) : (i32) -> ()
  %a = "a.d"() : () -> i32
  "a.end"() : () -> ()
}) : () -> ()

// -----

func.func @f() {
  %a = "a.d"() : () -> i32
  "a.b"() ({
    "a.c"(%a) : (i32) -> ()
  }) : () -> ()
  return
}

// -----

func.func @f() {
  "a.b"() ({
    "a.c"(%a) : (i32) -> ()
    %a = "a.d"() : () -> i32
  }) : () -> ()
  return
}

// -----

func.func @f() {
  "a.b"() ({
    %a = "a.d"() : () -> i32
    "a.c"(%a) : (i32) -> ()
  }) : () -> ()
  return
}

// -----

func.func @f(%a: i32) {
  "a.br"()[^bb1] : () -> ()
^bb1:
  "a.c"(%a) : (i32) -> ()
  return
}

// -----

func.func @f(%a: i32) {
  return
^bb1:
  "a.c"(%b) : (i32) -> ()
  %b = "a.d"() : () -> i32
  return
}

// -----

func.func @f(%a: i32) {
  return
^bb1:
  "a.br"()[^bb1] : () -> ()
}

// -----

func.func @f(%a: i32) {
  "a.br"()[^bb0] : () -> ()
^bb0:
  return
}

// -----

func.func @f() {
^bb0:
  return
}

// -----

func.func @f() {
  "a.c"() : () -> ()
}

// -----

func.func @f() { return
^bb1:
  "a.c"() : () -> ()
}

// -----

module { module { } }

// -----

module @a { } module @b { }

// -----

module { } module { }

// -----

module {
^bb0:
}

// -----

module attributes { } { }

// -----

module attributes {a.b} { }

// -----

module @a attributes {a.b} { }

// -----

module @"a b" { }

// -----

module @a.b { }

// -----

module { } loc("a")

// -----

module attributes {sym_name = "x"} { }

// -----

module @a attributes {sym_name = "x"} { }

// -----

module attributes {sym_visibility = "private"} { }

// -----

module @a attributes {sym_visibility = "private"} { }

// -----

builtin.module { }

// -----

builtin.module @x { }

// -----

"builtin.module"() ({ ^bb0: }) : () -> ()

// -----

"builtin.module"() <{sym_name = "a"}> ({ ^bb0: }) : () -> ()

// -----

"builtin.module"() ({ ^bb0: }) {sym_name = "a"} : () -> ()

// -----

"builtin.module"() ({ ^bb0: }) {sym_name = "a", sym_visibility = "public"} : () -> ()

// -----

"builtin.module"() ({ ^bb0: }) {sym_name = ""} : () -> ()

// -----

module @"" { }

// -----

"builtin.module"() ({
  "builtin.module"() ({
  ^bb0:
  }) : () -> ()
}) : () -> ()

// -----

module { "a.c"(%a) : (i32) -> ()
 %a = "a.d"() : () -> i32 }

// -----

"a.b"() ({ "a.c"() : () -> () }, { }, { ^bb0(%x : i32): "a.d"(%x) : (i32) -> () }) : () -> ()

// -----

"a.b"() ({
^bb0(%a: i32 loc("x"), %b: i32 loc(unknown)):
  "a.c"() : () -> ()
}) : () -> ()

// -----

"a.b"() ({
^bb0(%a : i32) :
  "a.c"(%a#0) : (i32) -> ()
}) : () -> ()

