//! What to write for the ops of PyTorch and ONNX that the dialect calls otherwise or lacks.

const RESHAPE: &str = "write nn.reshape; its result type has the new shape";
const LINEAR: &str = "write nn.linear %x, %weight, %bias; the weight has the shape (outputs, inputs)";
const LEAVE_OUT: &str = "leave it out: it changes nothing when a network is run";
const NO_MAX: &str = "a maximum is no polynomial: use nn.avg_pool2d, and train the network with it";
const ACTIVATION: &str =
    "there is no such activation: train with nn.gelu, nn.silu, nn.relu, nn.tanh or nn.sigmoid";
const CONV: &str = "write nn.conv2d; a sequence is an image of height 1";
const CLIENT: &str = "leave it to the client, who computes it on the decrypted result";
const DIVIDE: &str = "write nn.mul by the reciprocal, as a constant";
const RECURRENT: &str = "there are no recurrent layers: write its steps out";

/// Advice by name, in lower case without underscores.
pub(super) const FOREIGN_OPS: [(&str, &str); 62] = [
    ("flatten", RESHAPE),
    ("view", RESHAPE),
    ("squeeze", RESHAPE),
    ("unsqueeze", RESHAPE),
    ("expanddims", RESHAPE),
    ("gemm", LINEAR),
    ("dense", LINEAR),
    ("addmm", LINEAR),
    ("fc", LINEAR),
    ("fullyconnected", LINEAR),
    ("innerproduct", LINEAR),
    ("dropout", LEAVE_OUT),
    ("identity", LEAVE_OUT),
    ("contiguous", LEAVE_OUT),
    ("detach", LEAVE_OUT),
    ("cast", LEAVE_OUT),
    ("maxpool", NO_MAX),
    ("maxpool1d", NO_MAX),
    ("maxpool2d", NO_MAX),
    ("adaptivemaxpool2d", NO_MAX),
    ("globalmaxpool", NO_MAX),
    ("max", NO_MAX),
    ("maximum", NO_MAX),
    ("leakyrelu", "write a*x + (1 - a)*relu(x) with nn.mul, nn.relu and nn.add, a as a constant"),
    ("prelu", "write a*x + (1 - a)*relu(x) with nn.mul, nn.relu and nn.add, a as a constant"),
    ("elu", ACTIVATION),
    ("celu", ACTIVATION),
    ("selu", ACTIVATION),
    ("relu6", ACTIVATION),
    ("mish", ACTIVATION),
    ("softplus", ACTIVATION),
    ("hardtanh", ACTIVATION),
    ("hardsigmoid", ACTIVATION),
    ("hardswish", ACTIVATION),
    ("clip", ACTIVATION),
    ("clamp", ACTIVATION),
    ("swish", "write nn.silu"),
    ("logistic", "write nn.sigmoid"),
    ("conv", CONV),
    ("conv1d", CONV),
    ("convolution", CONV),
    ("averagepool", "write nn.avg_pool2d"),
    ("avgpool", "write nn.avg_pool2d"),
    ("globalaveragepool", "write nn.global_avg_pool"),
    ("adaptiveavgpool2d", "write nn.global_avg_pool"),
    ("batchnorm1d", "write nn.batch_norm"),
    ("batchnorm2d", "write nn.batch_norm"),
    ("batchnormalization", "write nn.batch_norm"),
    ("layernormalization", "write nn.layer_norm"),
    ("multiheadattention", "write nn.attention"),
    ("scaleddotproductattention", "write nn.attention"),
    ("mm", "write nn.matmul"),
    ("bmm", "write nn.matmul"),
    ("permute", "write nn.transpose"),
    ("cat", "write nn.concat"),
    ("mean", "write nn.reduce_mean"),
    ("sum", "write nn.reduce_sum"),
    ("div", DIVIDE),
    ("pow", "write nn.square, or products with nn.mul"),
    ("argmax", CLIENT),
    ("logsoftmax", CLIENT),
    ("lstm", RECURRENT),
];
