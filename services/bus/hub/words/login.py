"""Login and logout."""

from contracts.problems import Text

TITLE = Text("Đăng nhập", "Sign in")
LEAD = Text("Bảng điều khiển của người vận hành trục liên thông.", "The console of those who run the axis.")
USERNAME = Text("Tên tài khoản", "User name")
PASSWORD = Text("Mật khẩu", "Password")
SIGN_IN = Text("Đăng nhập", "Sign in")
WRONG = Text("Tên tài khoản hoặc mật khẩu không đúng.", "User name or password is wrong.")
BLOCKED = Text(
    "Đăng nhập sai quá nhiều lần. Hãy thử lại sau {minutes} phút, hoặc nhờ quản trị viên đặt mật khẩu mới.",
    "Too many failed logins. Try again in {minutes} min, or ask an administrator for a new password.",
)
BUSY = Text("Đang có quá nhiều lượt đăng nhập cùng lúc. Hãy thử lại.", "Too many logins at once. Try again.")
STALE = Text("Trang này đã cũ. Hãy thử lại.", "This page is out of date. Try again.")
NOWHERE_TITLE = Text("Không đăng nhập được", "Cannot sign in")
NOWHERE = Text(
    "Yêu cầu đăng nhập không đến từ bảng điều khiển này. Hãy bắt đầu lại từ bảng điều khiển.",
    "This request to sign in does not come from this console. Begin again at the console.",
)
FAILED = Text("Đăng nhập không thành công: {why}.", "The login failed: {why}.")
NO_ROLE = Text(
    "nơi xác thực không cấp cho bạn vai trò nào ở đây",
    "the identity provider gives you no role here",
)
PROVIDER_AWAY = Text("nơi xác thực không trả lời", "the identity provider does not answer")
NOT_BEGUN_HERE = Text("trình duyệt này không bắt đầu lượt đăng nhập ấy", "this browser did not begin that login")
BAD_TOKEN = Text("không tin được phiếu xác thực nhận về", "the identity token cannot be trusted")
REFUSED = Text("nơi xác thực từ chối ({error})", "the identity provider refused ({error})")
OUT_TITLE = Text("Đã đăng xuất", "Signed out")
OUT = Text("Phiên làm việc đã kết thúc trên máy chủ.", "Your session has ended on the server.")
AGAIN = Text("Đăng nhập lại", "Sign in again")
TO_CONSOLE = Text("Về bảng điều khiển", "To the console")
