//! The client's side of the entry: `@main__encrypt__argN` makes what the entry takes for the N-th argument of the user,
//! `@main__decrypt__resultN` reads the N-th result from what the entry returns. Each may be several values.

use he_core::ir::{Ir, OpId, Type};

use super::{find, name, signature};

/// The name of the function that encrypts an argument.
pub fn encrypt_name(entry: &str, index: usize) -> String {
    format!("{entry}__encrypt__arg{index}")
}

/// The name of the function that decrypts a result.
pub fn decrypt_name(entry: &str, index: usize) -> String {
    format!("{entry}__decrypt__result{index}")
}

/// An argument or a result as the user sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tensor {
    /// The first of the entry's arguments or results that it is.
    pub at: usize,
    /// How many it is.
    pub width: usize,
    /// The client's function, where there is one.
    pub function: Option<OpId>,
    /// The type that the user sees: of the argument of the function that encrypts, of the result of that which decrypts.
    pub ty: Type,
}

/// The arguments of the entry as the user gives them.
pub fn arguments(ir: &Ir, entry: OpId) -> Vec<Tensor> {
    let (types, _) = signature(ir, entry);
    tensors(ir, &types, |index| encrypt_name(name(ir, entry), index), |(from, to)| (to, from))
}

/// The results of the entry as the user reads them.
pub fn results(ir: &Ir, entry: OpId) -> Vec<Tensor> {
    let (_, types) = signature(ir, entry);
    tensors(ir, &types, |index| decrypt_name(name(ir, entry), index), |both| both)
}

/// What `types` are to the user. `sides` puts the types on the entry's side of a function first.
fn tensors(
    ir: &Ir,
    types: &[Type],
    name: impl Fn(usize) -> String,
    sides: impl Fn((Vec<Type>, Vec<Type>)) -> (Vec<Type>, Vec<Type>),
) -> Vec<Tensor> {
    let mut tensors: Vec<Tensor> = Vec::new();
    let mut at = 0;
    while let Some(own) = types.get(at) {
        let function = find(ir, &name(tensors.len()));
        let (width, ty) = match function.map(|function| sides(signature(ir, function))) {
            Some((own_side, user_side)) => {
                (own_side.len().clamp(1, types.len() - at), user_side.first().copied().unwrap_or(*own))
            }
            None => (1, *own),
        };
        tensors.push(Tensor { at, width, function, ty });
        at += width;
    }
    tensors
}
