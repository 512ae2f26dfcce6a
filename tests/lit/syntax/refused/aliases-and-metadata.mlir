// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

// expected-error @+1 {{undefined type alias '!b'}}
!a = !b
!b = i32

// -----

// expected-error @+1 {{undefined type alias '!a'}}
"a.b"() : () -> !a
!a = i32

// -----

// expected-error @+1 {{undefined type alias '!a'}}
"a.b"() : () -> !a

// -----

// expected-error @+2 {{redefinition of alias '!a'}}
!a = i32
!a = i32

// -----

// expected-error @+2 {{redefinition of alias '!a'}}
!a = i32
!a = f32

// -----

// expected-error @+1 {{an alias name cannot contain '.'}}
!a.b = i32

// -----

// expected-error @+3 {{expected a type; the file ends here}}
!a =

// -----

// expected-error @+1 {{expected an operation, or '=' in an alias definition}}
!a i32

// -----

// expected-error @+1 {{expected a type; found '1'}}
!a = 1

// -----

// expected-error @+1 {{unknown operation 'i32'}}
!a = i32 i32

// -----

// expected-error @+1 {{expected an operation; found the character '!'}}
! = i32

// -----

// expected-error @+1 {{undefined type alias '!a'}}
!a = tensor<2x!a>

// -----

// expected-error @+1 {{undefined attribute alias '#a'}}
"a.b"() {x = #a} : () -> ()
#a = 1

// -----

// expected-error @+1 {{undefined attribute alias '#a'}}
"a.b"() {x = #a} : () -> ()

// -----

// expected-error @+2 {{redefinition of alias '#a'}}
#a = 1
#a = 2

// -----

// expected-error @+1 {{an alias name cannot contain '.'}}
#a.b = 1

// -----

// expected-error @+1 {{undefined attribute alias '#b'}}
#a = #b

// -----

// expected-error @+2 {{expected a type; found '#a'}}
#a = i32
"a.b"() : () -> #a

// -----

// expected-error @+1 {{undefined location alias '#a'}}
"a.b"() : () -> () loc(#a)

// -----

// expected-error @+2 {{undefined location alias '#a'}}
#a = 1
"a.b"() : () -> () loc(#a)

// -----

// expected-error @+1 {{undefined location alias '#a'}}
"a.b"() : () -> () loc(#a)
#a = 1

// -----

// expected-error @+1 {{undefined location alias '#a'}}
#b = loc(fused[#a, "c"])
#a = loc("x")
"a.b"() : () -> () loc(#b)

// -----

// expected-error @+1 {{undefined location alias '#a'}}
#b = loc("n"(#a))
#a = loc("x")
"a.b"() : () -> () loc(#b)

// -----

// expected-error @+1 {{undefined location alias '#a'}}
#b = loc(#a)
#a = loc("x")
"a.b"() : () -> () loc(#b)

// -----

// expected-error @+1 {{undefined location alias '#a'}}
"a.b"() : () -> () loc(callsite(#a at #a))
#a = loc("x")

// -----

// expected-error @+1 {{undefined location alias '#a'}}
"a.b"() : () -> () loc(fused[#a])
#a = loc("x")

// -----

// expected-error @+1 {{undefined location alias '#a'}}
"a.b"() : () -> () loc("y"(#a))
#a = loc("x")

// -----

// expected-error @+1 {{undefined attribute alias '#a'}}
"a.b"() : () -> () loc(fused<#a>["x"])
#a = 1

// -----

// expected-error @+1 {{undefined location alias '#a'}}
"a.b"() {x = loc(#a)} : () -> ()
#a = loc("x")

// -----

// expected-error @+2 {{undefined location alias '#a'}}
"a.b"() ({
^bb0(%x: i32 loc(#a)):
  "a.c"() : () -> ()
}) : () -> ()

// -----

// expected-error @+2 {{expected an operation; found '!a'}}
module {
  !a = i32
}

// -----

// expected-error @+2 {{expected an operation; found '#a'}}
module {
  #a = 1
}

// -----

// expected-error @+2 {{undefined attribute alias '#x'}}
#a = loc(unknown)
#b = loc(fused<#x>[#a])

// -----

// expected-error @+2 {{expected ':' before the operation's type; found '#a'}}
#a = {x = 1}
"a.b"() #a : () -> ()

// -----

// expected-error @+1 {{unknown operation 'loc'}}
!a = i32 loc("x")

// -----

// expected-error @+1 {{unknown operation 'loc'}}
#a = 1 loc("x")

// -----

// expected-error @+1 {{expected an operation; found the character ';'}}
#a = 1;

// -----

// expected-error @+2 {{expected ',' or '}'; found ':'}}
#a = "s"
"a.b"() {x = #a : i32} : () -> ()

// -----

// expected-error @+1 {{expected a hexadecimal string: "0x…" with two digits a byte}}
{-# dialect_resources: { builtin: { a: "0x040000000" } } #-}

// -----

// expected-error @+1 {{a blob begins with its alignment, in four bytes}}
{-# dialect_resources: { builtin: { a: "0x04" } } #-}

// -----

// expected-error @+1 {{a blob begins with its alignment, in four bytes}}
{-# dialect_resources: { builtin: { a: "0x" } } #-}

// -----

// expected-error @+1 {{expected a hexadecimal string: "0x…" with two digits a byte}}
{-# dialect_resources: { builtin: { a: "zz" } } #-}

// -----

// expected-error @+1 {{expected a hexadecimal string: "0x…" with two digits a byte}}
{-# dialect_resources: { builtin: { a: "" } } #-}

// -----

// expected-error @+1 {{expected a hexadecimal string "0x…"; found 'true'}}
{-# dialect_resources: { builtin: { a: true } } #-}

// -----

// expected-error @+1 {{expected a hexadecimal string "0x…"; found '1'}}
{-# dialect_resources: { builtin: { a: 1 } } #-}

// -----

// expected-error @+1 {{only the dialect 'builtin' has resources, not 'foo'}}
{-# dialect_resources: { foo: { a: "0x0400000001000000" } } #-}

// -----

// expected-error @+1 {{only the dialect 'builtin' has resources, not 'func'}}
{-# dialect_resources: { func: { a: "0x0400000001000000" } } #-}

// -----

// expected-error @+1 {{only the dialect 'builtin' has resources, not '"builtin"'}}
{-# dialect_resources: { "builtin": { a: "0x0400000001000000" } } #-}

// -----

// expected-error @+1 {{the blob's alignment must be a power of two, not 3}}
{-# dialect_resources: { builtin: { a: "0x0300000001000000" } } #-}

// -----

// expected-error @+1 {{unknown section 'foo_resources' in the file metadata}}
{-# foo_resources: { } #-}

// -----

// expected-error @+1 {{unknown section 'foo' in the file metadata}}
{-# foo #-}

// -----

// expected-error @+1 {{expected ',' or '#-}'; found 'external_resources'}}
{-# dialect_resources: { } external_resources: { } #-}

// -----

// expected-error @+1 {{unknown section '#-}' in the file metadata}}
{-# dialect_resources: { builtin: { a: "0x0400000001000000" } },  #-}

// -----

// expected-error @+1 {{expected ':' after the section's name; found '{'}}
{-# dialect_resources { } #-}

// -----

// expected-error @+1 {{expected ':' after the group's name; found '{'}}
{-# dialect_resources: { builtin { } } #-}

// -----

// expected-error @+1 {{expected ':' after the resource's key; found '}'}}
{-# dialect_resources: { builtin: { a } } #-}

// -----

// expected-error @+3 {{unknown section '' in the file metadata}}
{-#

// -----

// expected-error @+1 {{expected an operation; found '#-}'}}
#-}

// -----

// expected-error @+1 {{expected an operation; found '{'}}
{- #

// -----

// expected-error @+1 {{expected an operation; found '{-#'}}
module { {-# #-} }

// -----

// expected-error @+1 {{expected a key; found '1'}}
{-# dialect_resources: { builtin: { 1: "0x0400000001000000" } } #-}

// -----

// expected-error @+1 {{expected a string, true or false; found '1'}}
{-# external_resources: { foo: { c: 1 } } #-}

// -----

// expected-error @+1 {{expected a string, true or false; found '0x10'}}
{-# external_resources: { foo: { c: 0x10 } } #-}

// -----

// expected-error @+1 {{a blob begins with its alignment, in four bytes}}
{-# external_resources: { foo: { c: "0x" } } #-}

// -----

// expected-error @+1 {{expected a hexadecimal string: "0x…" with two digits a byte}}
{-# external_resources: { foo: { c: "0x04000000010" } } #-}

// -----

// expected-error @+1 {{the blob's alignment must be a power of two, not 3}}
{-# external_resources: { foo: { c: "0x0300000001" } } #-}

// -----

// expected-error @+1 {{expected a hexadecimal string: "0x…" with two digits a byte}}
{-# external_resources: { foo: { c: "0xzz" } } #-}

// -----

// expected-error @+1 {{unknown escape in a string: \n, \t, \", \\ and \HH are known}}
{-# external_resources: { foo: { c: "a\zb" } } #-}
