// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

// expected-error @+1 {{an attribute name cannot be empty}}
"test.op"() {a = {"" = 1}} : () -> ()

// -----

// expected-error @+1 {{duplicate key 'a' in a dictionary}}
"test.op"() {a = {a = 1, a = 2}} : () -> ()

// -----

// expected-error @+1 {{duplicate key 'a' in a dictionary}}
"test.op"() {a = {a, "a"}} : () -> ()

// -----

// expected-error @+1 {{expected an attribute; found '}'}}
"test.op"() {a = {a = }} : () -> ()

// -----

// expected-error @+1 {{expected an attribute name; found '='}}
"test.op"() {a = {= 1}} : () -> ()

// -----

// expected-error @+1 {{expected an attribute name; found '}'}}
"test.op"() {a = {a = 1,}} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found '1'}}
"test.op"() {a = {a 1}} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found ':'}}
"test.op"() {a = {a : 1}} : () -> ()

// -----

// expected-error @+1 {{expected an attribute name; found '1'}}
"test.op"() {a = {1 = 1}} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found '-'}}
"test.op"() {a = {a-b = 1}} : () -> ()

// -----

// expected-error @+1 {{expected an attribute name; found '@a'}}
"test.op"() {a = {@a = 1}} : () -> ()

// -----

// expected-error @+1 {{expected an attribute name; found '#a'}}
"test.op"() {a = {#a = 1}} : () -> ()

// -----

// expected-error @+1 {{expected an attribute name; found '%a'}}
"test.op"() {a = {%a = 1}} : () -> ()

// -----

// expected-error @+1 {{expected an attribute; found '='}}
"test.op"() {a = {a == 1}} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found the character ';'}}
"test.op"() {a = {a = 1; b = 2}} : () -> ()

// -----

// expected-error @+1 {{expected an attribute name; found the character '.'}}
"test.op"() {a = {.a}} : () -> ()

// -----

// expected-error @+1 {{expected an attribute name; found the character '$'}}
"test.op"() {a = {$a}} : () -> ()

// -----

// expected-error @+1 {{expected an attribute name; found the character 'é'}}
"test.op"() {a = {é = 1}} : () -> ()

