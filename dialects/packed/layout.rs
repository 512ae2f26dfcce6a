//! Layouts: which element of a tensor sits in which slot.

use he_core::exec::tensor::Tensor;
use he_core::ir::{Attr, FloatKind, Ir, Type, TypeKind};

/// Full name of the packed type.
pub const VEC: &str = "packed.vec";

/// The order in which elements are numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Last dimension fastest
    RowMajor,
    /// First dimension fastest
    ColumnMajor,
    /// Along the wrapped diagonals of the last two dimensions
    Diagonal,
}

impl Order {
    const WORDS: [(&'static str, Order); 3] =
        [("row_major", Order::RowMajor), ("column_major", Order::ColumnMajor), ("diagonal", Order::Diagonal)];

    /// The word in types and options.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, order)| *order == self).map_or("row_major", |(word, _)| word)
    }

    /// The order of that word.
    pub fn from_word(word: &str) -> Option<Order> {
        Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, order)| *order)
    }
}

/// A packed type's content. Element number `e` sits in slots `e*stride .. e*stride + repeat` of every period.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// Shape of the tensor.
    pub shape: Vec<usize>,
    /// How its elements are numbered.
    pub order: Order,
    /// Slots after which the pattern repeats; divides `slots`.
    pub period: usize,
    /// Slots from one element to the next.
    pub stride: usize,
    /// Copies of an element in a row; divides `stride`.
    pub repeat: usize,
    /// Slots of the ciphertext.
    pub slots: usize,
    /// Bound of the magnitude in slots that hold no element; 0 for zeros.
    pub fill: f64,
}

impl Layout {
    /// Elements one after another in `slots`, repeated with the smallest period that is a power of two.
    /// `None` if they do not fit.
    pub fn dense(shape: &[usize], order: Order, slots: usize) -> Option<Layout> {
        let count: usize = shape.iter().product();
        let period = count.max(1).checked_next_power_of_two()?;
        (period <= slots && slots.is_multiple_of(period)).then(|| Layout {
            shape: shape.to_vec(),
            order,
            period,
            stride: 1,
            repeat: 1,
            slots,
            fill: 0.0,
        })
    }

    /// Each element `copies` times in a row. `None` if they do not fit.
    pub fn interleaved(shape: &[usize], copies: usize, slots: usize) -> Option<Layout> {
        let dense = Layout::dense(shape, Order::RowMajor, slots)?;
        let copies = copies.checked_next_power_of_two()?;
        let period = dense.period.checked_mul(copies)?;
        (period <= slots).then_some(Layout { period, stride: copies, repeat: copies, ..dense })
    }

    /// With so many copies of each element in a row, and zeros in all other slots.
    pub fn spread(&self, copies: usize) -> Layout {
        Layout { repeat: copies, fill: 0.0, ..self.clone() }
    }

    /// Whether elements sit in the same slots, whatever the others hold.
    pub fn is_like(&self, other: &Layout) -> bool {
        let plain = |layout: &Layout| Layout {
            fill: 0.0,
            order: if layout.orders_differ() { layout.order } else { Order::RowMajor },
            ..layout.clone()
        };
        plain(self) == plain(other)
    }

    /// Whether orders number the elements in different ways: those of a single row or column they do not.
    pub fn orders_differ(&self) -> bool {
        self.shape.iter().filter(|size| **size > 1).count() > 1
    }

    /// Number of elements.
    pub fn count(&self) -> usize {
        self.shape.iter().product()
    }

    /// Row-major index of element number `e`.
    fn index_of_number(&self, e: usize) -> usize {
        match (self.order, self.shape.as_slice()) {
            (Order::RowMajor, _) | (_, []) | (_, [_]) => e,
            (Order::ColumnMajor, shape) => {
                let (mut rest, mut index) = (e, 0);
                let mut stride = self.count();
                for dim in shape {
                    stride /= dim;
                    index += rest % dim * stride;
                    rest /= dim;
                }
                index
            }
            (Order::Diagonal, [.., rows, columns]) => {
                let (block, within) = (e / (rows * columns), e % (rows * columns));
                let (diagonal, row) = (within / rows, within % rows);
                block * rows * columns + row * columns + (row + diagonal) % columns
            }
        }
    }

    /// By the row-major index of each element: its first slot.
    pub fn slots_of_elements(&self) -> Vec<usize> {
        let mut slots = vec![0; self.count()];
        for number in 0..self.count() {
            slots[self.index_of_number(number)] = number * self.stride;
        }
        slots
    }

    /// Row-major index of the element in a slot; `None` where the slot holds none.
    pub fn element_at(&self, slot: usize) -> Option<usize> {
        let within = slot % self.period;
        let (number, offset) = (within / self.stride, within % self.stride);
        (offset < self.repeat && number < self.count()).then(|| self.index_of_number(number))
    }

    /// The slots that hold a tensor of this shape; other slots are zero.
    pub fn pack(&self, tensor: &Tensor) -> Tensor {
        // Leading dimensions are broadcast: the index wraps.
        let data = &tensor.data;
        let at = |slot| match self.element_at(slot) {
            Some(index) if !data.is_empty() => data[index % data.len()],
            _ => 0.0,
        };
        let period: Vec<f64> = (0..self.period).map(at).collect();
        let data = period.iter().copied().cycle().take(self.slots).collect();
        Tensor { shape: vec![self.slots], data }
    }

    /// The tensor in the slots, read from the first period.
    pub fn unpack(&self, slots: &Tensor) -> Tensor {
        let mut data = vec![0.0; self.count()];
        for number in 0..self.count() {
            data[self.index_of_number(number)] = slots.data.get(number * self.stride).copied().unwrap_or(0.0);
        }
        Tensor { shape: self.shape.clone(), data }
    }

    /// The layout that a packed type describes.
    pub fn of(ir: &Ir, ty: Type) -> Option<Layout> {
        let TypeKind::Declared { name, params } = ir.ctx.type_kind(ty) else { return None };
        if ir.ctx.str(*name) != VEC {
            return None;
        }
        let [shape, order, period, stride, repeat, slots, fill] = params.as_slice() else { return None };
        let size = |attr: &Attr| ir.ctx.as_i64(*attr).and_then(|value| usize::try_from(value).ok());
        let shape = ir.ctx.as_array(*shape)?.iter().map(size).collect::<Option<Vec<_>>>()?;
        Some(Layout {
            shape,
            order: Order::from_word(ir.ctx.as_str(*order)?)?,
            period: size(period)?,
            stride: size(stride)?,
            repeat: size(repeat)?,
            slots: size(slots)?,
            fill: ir.ctx.as_f64(*fill)?,
        })
    }

    /// The packed type of this layout.
    pub fn to_type(&self, ir: &mut Ir) -> Type {
        let name = ir.ctx.sym(VEC);
        let shape = self.shape.iter().map(|dim| ir.ctx.i64_attr(*dim as i64)).collect();
        let params = vec![
            ir.ctx.array_attr(shape),
            ir.ctx.string_attr(self.order.word()),
            ir.ctx.i64_attr(self.period as i64),
            ir.ctx.i64_attr(self.stride as i64),
            ir.ctx.i64_attr(self.repeat as i64),
            ir.ctx.i64_attr(self.slots as i64),
            ir.ctx.f64_attr(self.fill),
        ];
        ir.ctx.ty(TypeKind::Declared { name, params })
    }
}

/// `tensor<slots x f64>`: a plaintext vector.
pub fn plain_type(ir: &mut Ir, slots: usize) -> Type {
    let element = ir.ctx.float_type(FloatKind::F64);
    ir.ctx.tensor_type(&[slots as i64], element)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(shape: &[usize]) -> Tensor {
        let count = shape.iter().product();
        Tensor { shape: shape.to_vec(), data: (0..count).map(|i| i as f64 + 1.0).collect() }
    }

    #[test]
    fn every_order_unpacks_what_it_packed() {
        let x = numbers(&[3, 5]);
        for order in [Order::RowMajor, Order::ColumnMajor, Order::Diagonal] {
            let layout = Layout::dense(&[3, 5], order, 64).expect("16 slots fit");
            assert_eq!(layout.unpack(&layout.pack(&x)), x, "{order:?}");
        }
    }

    #[test]
    fn orders_differ_where_there_are_rows() {
        let x = numbers(&[2, 2]);
        let packed = |order| Layout::dense(&[2, 2], order, 4).expect("fits").pack(&x).data;
        assert_eq!(packed(Order::RowMajor), [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(packed(Order::ColumnMajor), [1.0, 3.0, 2.0, 4.0]);
        assert_eq!(packed(Order::Diagonal), [1.0, 4.0, 2.0, 3.0]);
    }

    #[test]
    fn interleaved_repeats_each_element() {
        let layout = Layout::interleaved(&[1, 2], 2, 8).expect("fits");
        assert_eq!(layout.pack(&numbers(&[1, 2])).data, [1.0, 1.0, 2.0, 2.0, 1.0, 1.0, 2.0, 2.0]);
        assert_eq!(Layout::interleaved(&[1, 4], 4, 8), None);
    }

    #[test]
    fn a_tensor_larger_than_the_slots_does_not_fit() {
        assert_eq!(Layout::dense(&[1, 9], Order::RowMajor, 8), None);
    }
}
