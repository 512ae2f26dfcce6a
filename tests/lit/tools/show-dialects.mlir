// RUN: he-opt --show-dialects %s | FileCheck %s

// CHECK: Available Dialects: builtin,func,nn,poly,packed,ckks
